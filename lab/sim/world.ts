import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { banksOf, type Give } from '../bank/fault.ts'
import { ordersTo } from '../bank/waiting-order.ts'
import { bindLine } from '../healthy/container.ts'
import type { Side, World } from '../world.ts'
import { recordOwner } from './owner.ts'
import type { Place } from './place.ts'
import { turnSwitch } from './switch.ts'
import { unitStates } from './unit-state.ts'

const foreignMount = (path: string): string =>
  `450 400 0:71 / ${path} rw,relatime - tmpfs tmpfs rw,size=1024k\n`

/**
 * The world of a simulated lab: files below its roots, and its own systemctl and pct for what has a daemon behind it.
 * @param giveHere to banks of this very process
 */
export function simulatedWorld(place: Place, now: () => Date = () => new Date(), giveHere?: Give): World {
  const orders = ordersTo(place)
  const real = (side: Side, path: string): string => join(place.roots[side], path)
  const stat = (file: string) => lstatSync(file, { throwIfNoEntry: false })

  const write: World['write'] = (side, path, text, { mode = 0o644, owner = 0, at } = {}) => {
    const file = real(side, path)
    mkdirSync(dirname(file), { recursive: true })
    const temporary = `${file}.${randomBytes(4).toString('hex')}`
    writeFileSync(temporary, text, { mode: 0o600 })
    chmodSync(temporary, mode)
    if (at !== undefined) utimesSync(temporary, at, at)
    if (stat(file)?.isDirectory()) rmSync(file, { recursive: true })
    renameSync(temporary, file)
    own(side, path, owner)
  }

  const own = (side: Side, path: string, uid: number): void => {
    const found = stat(real(side, path))
    if (found !== undefined) recordOwner(place, found, uid)
  }

  /** a mount table is one file per side; `line` is added, unless absent, after every line for `path` went */
  const remount = (path: string, line: string | undefined): void => {
    const table = real('ct109', '/proc/self/mountinfo')
    const kept = readFileSync(table, 'utf8')
      .split(/(?<=\n)/)
      .filter((each) => each.split(' ')[4] !== path)
    writeFileSync(table, [...kept, line ?? ''].join(''))
  }

  const call = (side: 'z2' | 'ct109', program: string, words: string[]): void => {
    spawnSync(join(place.bin, side, program), words, {
      env: { PATH: `${join(place.bin, side)}:${join(place.bin, 'system')}`, BULMA_LAB_HAND: '1' },
      stdio: 'ignore',
    })
  }

  const read: World['read'] = (side, path) =>
    statSync(real(side, path), { throwIfNoEntry: false })?.isFile()
      ? readFileSync(real(side, path), 'utf8')
      : undefined

  return {
    ...unitStates(place, now),
    ...banksOf(giveHere ?? orders.give, read),
    now,
    write,
    own,
    read,
    folder: (side, path, mode = 0o755) => {
      if (stat(real(side, path))?.isDirectory() === false) rmSync(real(side, path))
      mkdirSync(real(side, path), { recursive: true })
      chmodSync(real(side, path), mode)
    },
    link: (side, path, target) => {
      const file = real(side, path)
      mkdirSync(dirname(file), { recursive: true })
      rmSync(file, { recursive: true, force: true })
      symlinkSync(target, file)
    },
    remove: (side, ...paths) => {
      for (const path of paths) rmSync(real(side, path), { recursive: true, force: true })
    },
    chmod: (side, path, mode) => {
      if (stat(real(side, path)) !== undefined) chmodSync(real(side, path), mode)
    },
    systemctl: (side, ...words) => call(side, 'systemctl', words),
    pct: (...words) => call('z2', 'pct', words),
    bind: (path, from) => {
      const target = real('ct109', path)
      rmSync(target, { recursive: true, force: true })
      if (from === undefined) mkdirSync(target, { recursive: true })
      else symlinkSync(relative(dirname(target), real('z2', from)), target)
      const device = stat(place.lab)?.dev ?? 0
      remount(path, from === undefined ? undefined : bindLine(from, path, deviceNumber(device)))
    },
    cover: (path, covered) => remount(path, covered ? foreignMount(path) : undefined),
    // the lab's hostname(1) reads the configuration
    address: () => {},
    turn: (name, on, text = '') => turnSwitch(place, name, on, text),
    settle: orders.settle,
  }
}

/** `8:17`: the way a mount table writes a device number (makedev(3) of Linux). */
export function deviceNumber(device: number): string {
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  return `${major}:${minor}`
}
