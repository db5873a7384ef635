// Tests unpack their browser from an npm package (src/node/chromium.ts): never download one.
module.exports = { skipDownload: true };
