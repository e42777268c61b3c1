import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { z } from 'zod'
import type { RealPlace } from './place.ts'

/** The cable between this machine and one Z2: two addresses of a network of four. */
export type Network = { here: string; z2: string; bits: number }

const bits = 30
/** 10.200.0.0 to 10.231.255.0 */
const first = 200
const seconds = 32
const thirds = 256
const addressShape = z.array(
  z.object({ addr_info: z.array(z.object({ local: z.string(), prefixlen: z.int() })) }),
)
const routeShape = z.array(z.object({ dst: z.string() }))

const networkAt = (index: number): Network => {
  const start = `10.${first + Math.floor(index / thirds)}.${index % thirds}`
  return { here: `${start}.1`, z2: `${start}.2`, bits }
}

/** The first network at or after this lab's own number that no address or route of this machine has. */
export function freeNetwork({ id }: RealPlace): Network {
  const taken = ranges()
  const own = Number.parseInt(id.slice(0, 4), 16)
  for (let step = 0; step < seconds * thirds; step++) {
    const network = networkAt((own + step) % (seconds * thirds))
    const [from, to] = rangeOf(`${network.here}/${bits}`)
    if (!taken.some(([low, high]) => low <= to && from <= high)) return network
  }
  throw new Error('every network from 10.200.0.0 to 10.231.255.0 is in use on this machine')
}

/** What this machine has and reaches by a route of its own; the default route is everybody's. */
function ranges(): [number, number][] {
  const ip = (...words: string[]): unknown =>
    JSON.parse(execFileSync('ip', ['-json', '-4', ...words], { encoding: 'utf8' }))
  const addresses = addressShape.parse(ip('address', 'show'))
  const routes = routeShape.parse(ip('route', 'show', 'table', 'all'))
  return [
    ...addresses.flatMap(({ addr_info }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`)),
    ...routes.map(({ dst }) => dst).filter((dst) => /^\d/.test(dst)),
  ].map(rangeOf)
}

/** First and last address of `10.1.2.0/24`, as numbers. */
function rangeOf(text: string): [number, number] {
  const [address = '', length = '32'] = text.split('/')
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(length))
  const low = Math.floor(number / size) * size
  return [low, low + size - 1]
}

/** Is this machine's end of the cable in service with its address? undefined: there is no cable. */
export function isPlugged({ cable }: RealPlace): boolean | undefined {
  if (!existsSync(`/sys/class/net/${cable}`)) return undefined
  return networkInterfaces()[cable]?.some(({ family }) => family === 'IPv4') ?? false
}

/** Puts this machine's end of the cable in service. It is gone by itself with the last process of the other end. */
export function plugIn({ cable }: RealPlace, { here }: Network): void {
  execFileSync('ip', ['address', 'replace', `${here}/${bits}`, 'dev', cable])
  execFileSync('ip', ['link', 'set', cable, 'up'])
}
