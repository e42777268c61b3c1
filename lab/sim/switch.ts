import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Switch } from '../world.ts'
import type { Place } from './place.ts'

/** Is a switch on? It is a file, so that the server, the stand-ins and a person see the same. */
export const isOn = (place: Place, name: Switch): boolean => existsSync(join(place.switches, name))

/** `pct-missing` takes the program away; every other switch is only asked about by what it concerns. */
export function turnSwitch(place: Place, name: Switch, on: boolean, text: string): void {
  mkdirSync(place.switches, { recursive: true })
  const file = join(place.switches, name)
  if (on) writeFileSync(file, text)
  else rmSync(file, { force: true })
  if (name !== 'pct-missing') return
  const pct = join(place.bin, 'z2', 'pct')
  rmSync(pct, { force: true })
  if (on) return
  copyFileSync(join(place.bin, 'lib', 'pct'), pct)
  chmodSync(pct, 0o755)
}
