import { EventEmitter } from 'node:events'
import type { WriteStream } from 'node:tty'
import { expect, it } from 'vitest'
import { openScreen } from '../../lib/io/watch/screen.ts'

/** A terminal of so many rows that keeps what is written to it. */
class Terminal extends EventEmitter {
  rows = 5
  written = ''
  write(text: string): boolean {
    this.written += text
    return true
  }
  take(): string {
    const { written } = this
    this.written = ''
    return written.replaceAll('\u001b', '^')
  }
}

it('draws in place, cuts what the terminal has no row for, and gives the terminal back as it was', () => {
  const terminal = new Terminal()
  const listeners = process.listenerCount('SIGTSTP')
  const screen = openScreen(terminal as unknown as WriteStream)
  expect(terminal.take()).toBe('^[?1049h^[?25l^[?7l')
  screen.show('one\ntwo\nthree\nfour\nfive\nsix')
  expect(terminal.take()).toBe('^[H^[Kone\n^[Ktwo\n^[Kthree\n^[Kfour\n^[J')
  terminal.rows = 3
  terminal.emit('resize')
  expect(terminal.take()).toBe('^[H^[Kone\n^[Ktwo\n^[J')
  screen.close()
  expect(terminal.take()).toBe('^[?7h^[?25h^[?1049lone\ntwo\nthree\nfour\nfive\nsix\n')
  terminal.emit('resize')
  expect([terminal.take(), process.listenerCount('SIGTSTP')]).toEqual(['', listeners])
})
