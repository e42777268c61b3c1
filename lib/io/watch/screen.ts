import type { WriteStream } from 'node:tty'

// The terminal's second screen, so that what was on the first is there again afterwards, and lines that are cut rather
// than wrapped. Control sequences as every terminal since xterm knows them (invisible-island.net/xterm/ctlseqs).
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
// Before a line, not after it: behind the last column it would take the last character away.
const clearLine = '\u001b[K'
const endOfScreen = '\u001b[J'

/** A screen whose text is replaced as a whole. */
export type Screen = {
  show(text: string): void
  /** gives the terminal back, with what was shown last left on it */
  close(): void
}

/** Takes the terminal over until `close`, and leaves it to the shell while Ctrl-Z has stopped this process. */
export function openScreen(stream: WriteStream): Screen {
  let shown = ''
  const draw = (): void => {
    const lines = shown.split('\n').slice(0, Math.max(1, stream.rows - 1))
    stream.write(`${home}${lines.map((line) => `${clearLine}${line}\n`).join('')}${endOfScreen}`)
  }
  const rest = (): void => {
    stream.write(leave, () => process.kill(process.pid, 'SIGSTOP'))
  }
  const wake = (): void => {
    stream.write(enter)
    draw()
  }
  stream.write(enter)
  stream.on('resize', draw)
  process.on('SIGTSTP', rest)
  process.on('SIGCONT', wake)
  return {
    show(text) {
      shown = text
      draw()
    },
    close() {
      stream.off('resize', draw)
      process.off('SIGTSTP', rest)
      process.off('SIGCONT', wake)
      stream.write(`${leave}${shown}\n`)
    },
  }
}
