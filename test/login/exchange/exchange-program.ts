import { type Exchange, exchange } from '../../../lib/io/login/exchange.ts'

// What stands for a command of ours in tests that kill it: the exchange that its standard input asks for, the outcome on
// its standard output.
let text = ''
for await (const part of process.stdin.setEncoding('utf8')) text += part
const outcome = await exchange(JSON.parse(text) as Exchange).catch((error: Error) => ({
  thrown: error.message,
}))
console.log(JSON.stringify(outcome))
