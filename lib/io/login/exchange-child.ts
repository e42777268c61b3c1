import { parseOrder } from './exchange-order.ts'
import { runExchange } from './exchange-run.ts'

// The process that exchanges a code for tokens, apart from the one that a person sees: closing the terminal, Ctrl-C and the
// end of its parent must not end it between the bank's answer and our disk. What it is told comes on its standard input,
// what became of it goes to its standard output and, for whoever asks later, is to be read from the disk.

for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGPIPE', 'SIGTSTP'] as const)
  process.on(signal, () => undefined)
// Nobody may be left to read what is said here.
process.stdout.on('error', () => undefined)

let text = ''
for await (const part of process.stdin.setEncoding('utf8')) text += part
const order = parseOrder(text)
if (order === null) process.exit(1)
let status = 0
try {
  const outcome = await runExchange(order)
  await new Promise((done) => process.stdout.write(`${JSON.stringify(outcome)}\n`, done))
} catch {
  // A bug, and its text may hold a secret: the disk tells how far it came.
  status = 1
}
// Not by itself: a look-up of a name that hangs would keep it alive.
process.exit(status)
