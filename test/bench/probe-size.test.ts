import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../lib/config.ts'
import { probeText } from '../../lib/io/probe-text.ts'
import { probeCommand } from '../../lib/probe.ts'
import { declare } from '../../stacks/declaration.ts'

const id = '0'.repeat(24)
const command = probeCommand(declare(parseConfig({}, 'a test')), probeText(), id)

describe('the program of a look', () => {
  it('is no longer than it was when this was written', () => {
    expect(command.length).toBeLessThanOrEqual(22_000)
  })

  it('is short enough for one argument of a Linux program, many times over', () => {
    const linuxLimit = 131_072 // MAX_ARG_STRLEN, execve(2)
    expect(command.length * 5).toBeLessThan(linuxLimit)
  })
})
