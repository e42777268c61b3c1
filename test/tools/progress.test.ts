import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { elapsed, terminalProgress } from '../../tools/progress.ts'

function screen(isTTY: boolean) {
  let text = ''
  const write = (more: string): void => {
    text += more
  }
  return { write, isTTY, columns: 60, shown: () => text }
}

describe('progress', () => {
  it('is silent about what takes no time', async () => {
    const log = screen(true)
    expect(await terminalProgress(log).during('asking', async () => 7)).toBe(7)
    expect(log.shown()).toBe('')
  })

  it('is one line, redrawn and no wider than the terminal, with what goes on and how long', async () => {
    const log = screen(true)
    await terminalProgress(log).during('building', (detail) => {
      detail('x'.repeat(100))
      return sleep(700)
    })
    const lines = log.shown().split('\r\x1b[K').slice(1)
    expect(lines.length).toBeGreaterThan(2)
    expect(lines[0]).toMatch(/^. building {3}0:00 {3}x+$/)
    expect(lines.every((line) => line.trimEnd().length < 60)).toBe(true)
    expect(lines.at(-1)).toBe('✓ building   0:00\n')
    expect(log.shown().split('\n')).toHaveLength(2)
  })

  it('is plain lines where nothing can be redrawn, and says that work failed', async () => {
    const log = screen(false)
    const work = terminalProgress(log).during('building', async () => {
      await sleep(700)
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(log.shown()).toBe('building   0:00\nbuilding   0:00   failed\n')
  })

  it.each([
    [0, '0:00'],
    [59_999, '0:59'],
    [725_000, '12:05'],
  ])('%i ms are %s', (ms, wanted) => {
    expect(elapsed(ms)).toBe(wanted)
  })
})
