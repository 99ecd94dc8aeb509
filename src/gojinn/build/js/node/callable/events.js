// `require("events")` is the class itself.
module.exports = require("../events.js").default;
