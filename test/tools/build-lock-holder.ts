// Holds the lock of a folder: until it is killed, or briefly and alone: node build-lock-holder.ts FOLDER [briefly]
import { mkdirSync, rmdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeLock } from '../../tools/build-lock.ts'

const [dir = '', briefly] = process.argv.slice(2)
const release = await takeLock(dir, () => undefined)
if (!briefly) await sleep(60_000)
// Two at once would meet here: the second mkdir fails, and with it the process.
mkdirSync(`${dir}/alone`)
await sleep(100)
rmdirSync(`${dir}/alone`)
release()
