// The wrapper on another project than this one, in a process of its own: node wrapper-process.ts up FOLDER ARGS
import { exitWith } from '../../lib/io/problem-report.ts'
import { preview, up } from '../../tools/wrapper.ts'

const [verb, dir = '', ...rest] = process.argv.slice(2)
const look = async (stack: string) => ({ code: Number(process.env.LOOK), line: `one more look at ${stack}` })
await exitWith(verb === 'up' ? up(rest, dir, 'help of up', look) : preview(rest, dir, 'help of preview'))
