// Loaded before a program (`node --import`): writes down, one to a line, every host and port that it connects to, and
// every name that it looks up, into the file that CONNECTION_LOG names.
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import { Socket } from "node:net";

const file = process.env.CONNECTION_LOG;
const { connect } = Socket.prototype;
const { lookup } = dns;

// The arguments come as they are given, or in an array that Node has brought into order.
Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === "object" && first.port !== undefined)
    appendFileSync(file, `${first.host ?? "localhost"}:${first.port}\n`);
  return connect.apply(this, args);
};

dns.lookup = function (name, ...rest) {
  appendFileSync(file, `${name}\n`);
  return lookup.call(this, name, ...rest);
};
