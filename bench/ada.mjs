// Times Ada, the URL parser of Node.js, by way of new URL(x).origin. Its arguments are a file of inputs, a line each,
// in which "\t" stands for a tab, and the milliseconds to measure. It writes one line of JSON: the version of Ada,
// nanoseconds per input, and the origin of each.
import { readFileSync } from "node:fs";

const [file, milliseconds] = process.argv.slice(2);
const inputs = readFileSync(file, "utf8").replace(/\n$/, "").replaceAll("\\t", "\t").split("\n");

// An order that a branch predictor cannot learn; the same in every run.
let state = 12345;
const random = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x80000000;
const all = [];
while (all.length + inputs.length <= 4096) all.push(...inputs);
for (let i = all.length - 1; i > 0; i--) {
  const j = Math.floor(random() * (i + 1));
  [all[i], all[j]] = [all[j], all[i]];
}

let length = 0; // keeps the work from being left out
const round = () => {
  for (const s of all) length += new URL(s).origin.length;
};
for (let i = 0; i < 20; i++) round();
const start = process.hrtime.bigint();
const end = start + BigInt(milliseconds) * 1000000n;
let rounds = 0;
let now = start;
while (now < end) {
  round();
  rounds++;
  now = process.hrtime.bigint();
}
console.log(JSON.stringify({
  ada: process.versions.ada,
  ns: Number(now - start) / (rounds * all.length),
  origins: inputs.map((s) => new URL(s).origin),
  length,
}));
