import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Errands } from '../../lab/real/errand.ts'
import { findReal } from '../../lab/real/leader.ts'
import { realPlaceAt } from '../../lab/real/place.ts'
import { newProject, type Project } from '../e2e/project.ts'

// What faults do to a real lab is gathered and done in one process: in its order, on its machine, with nothing lost of what
// it is told, and with an end as soon as something fails that must not.

let project: Project
let errands: Errands

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
  const leader = findReal(realPlaceAt(project.dir))?.leader
  if (leader === undefined) throw new Error('no real lab')
  errands = new Errands(leader.pid)
})
afterAll(() => project.end())

const note = '/tmp/note'
const add = (on: 'z2' | 'ct109', text: string): void =>
  errands.add({ on, program: `echo "${text}" >>${note}`, must: text })
const read = (on: 'z2' | 'ct109'): string => errands.ask({ on, program: `cat ${note}; rm ${note}` }).stdout

describe('errands', () => {
  it('are done on the machine that they are for', () => {
    errands.add({ on: 'z2', program: `hostname >${note}` })
    errands.add({ on: 'ct109', program: `hostname >${note}` })
    expect([read('z2'), read('ct109')]).toEqual(['hinata-z2\n', 'bulma-finance\n'])
  })

  it('are done in their order, also from machine to machine', () => {
    const shared = '/mnt/data/hinata/data/bulma/order'
    for (const [on, file] of [
      ['z2', shared],
      ['ct109', '/root/data/bulma/order'],
    ] as const) {
      errands.add({ on, program: `echo ${on} >>${file}; chmod 666 ${file}` })
      errands.add({ on, program: `echo again >>${file}` })
    }
    const { stdout } = errands.ask({ on: 'z2', program: `cat ${shared}; rm ${shared}` })
    expect(stdout).toBe('z2\nagain\nct109\nagain\n')
  })

  it('are told their words as they are', () => {
    const words = ["it's", 'a  b', '$HOME', '`id`', '"', '\\n', 'two\nlines', '', '*', '-e', '%s%%']
    for (const on of ['z2', 'ct109'] as const) {
      errands.add({ on, program: `printf '[%s]' "$@" >${note}`, words, must: 'a note' })
      expect(read(on)).toBe(words.map((word) => `[${word}]`).join(''))
    }
  })

  it('may be many and long', () => {
    const text = 'x'.repeat(5000)
    for (let i = 0; i < 100; i++) add('ct109', text)
    expect(read('ct109')).toBe(`${text}\n`.repeat(100))
  })

  it.each(['z2', 'ct109'] as const)('on %s: that must not fail end all when they do, and say why', (on) => {
    add('z2', 'before')
    errands.add({ on, program: 'false; echo "not reached" >&2', must: 'this is the one' })
    add('z2', 'after')
    expect(() => errands.run()).toThrow(/^in the real lab: this is the one$/)
    expect(read('z2')).toBe('before\n')
    errands.add({ on, program: 'ls /nowhere; true', must: 'the look at /nowhere' })
    expect(() => errands.run()).toThrow(/nowhere.*No such file or directory\nthe look at \/nowhere$/)
    add('z2', 'later')
    expect(read('z2')).toBe('later\n')
  })

  it.each(['z2', 'ct109'] as const)('on %s: that may fail are silent', (on) => {
    errands.add({ on, program: 'echo much; echo trouble >&2; exit 65' })
    errands.add({ on, program: 'cat', must: 'an empty input' }) // and not the next errand
    const { status, stdout, stderr } = errands.ask({ on, program: 'echo done; exit 44' })
    expect([status, stdout, stderr]).toEqual([44, 'done\n', ''])
  })

  it('reach the files of a container that is stopped', () => {
    errands.add({ on: 'z2', program: '/usr/lib/bulma-lab/pct stop 109', must: 'a stop' })
    errands.add({
      on: 'ct109',
      program: `id -u >/var/tmp/note; stat -c %u /root >>/var/tmp/note`,
      must: 'a note',
    })
    const { stdout } = errands.ask({
      on: 'z2',
      program: 'cat /var/lib/lxc/109/rootfs/var/tmp/note; stat -c %u /var/lib/lxc/109/rootfs/var/tmp/note',
    })
    expect(stdout).toBe('0\n0\n100000\n')
    errands.add({ on: 'z2', program: '/usr/lib/bulma-lab/pct start 109', must: 'a start' })
    errands.run()
  })
})
