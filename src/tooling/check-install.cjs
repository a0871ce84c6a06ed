/**
 * Says in one sentence what `npm start` and its like need before they can say anything: a Node that is
 * new enough, and the packages. In words that a much older Node understands, and without any package.
 */
"use strict";

var fs = require("fs");
var path = require("path");

var root = path.join(__dirname, "../..");
var manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));

var problem = oldNode() || missingPackages();
if (problem) {
  process.stderr.write(problem + "\n");
  process.exit(1);
}

function oldNode() {
  var wanted = numbers(manifest.engines.node);
  var present = numbers(process.version);
  var isOld = present[0] < wanted[0] || (present[0] === wanted[0] && present[1] < wanted[1]);
  return (
    isOld && "Parley needs Node " + wanted.join(".") + " or newer; this is " + process.version + "."
  );
}

/** Optional ones may be left out; what needs them says so itself. */
function missingPackages() {
  var names = Object.keys(manifest.dependencies).concat(Object.keys(manifest.devDependencies));
  var missing = names.filter(function (name) {
    return !fs.existsSync(path.join(root, "node_modules", name, "package.json"));
  });
  if (missing.length === 0) return undefined;
  var others = missing.length > 1 ? " and " + (missing.length - 1) + " more" : "";
  return "Packages are missing (" + missing[0] + others + "): run `npm ci` first.";
}

/** The major and the minor number in `>=20.19` or `v20.19.4`. */
function numbers(version) {
  return /(\d+)\.(\d+)/.exec(version).slice(1).map(Number);
}
