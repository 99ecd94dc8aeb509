// `node:util/types`.
module.exports = require("../util.js").types;
