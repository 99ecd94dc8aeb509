// `require("assert")` is a function itself.
module.exports = require("../assert.js").default;
