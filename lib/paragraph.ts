/**
 * Text in lines of at most `room` columns: what a line end or a dot divides first, then words. A command stays in one
 * piece, at its end or as a whole, since nobody can copy half of one.
 */
export function linesOf(text: string, room: number): string[] {
  if (text.length <= room && !text.includes('\n')) return [text]
  return text.split(/\n| · /).flatMap((part) => wordsIn(part, room))
}

function wordsIn(text: string, room: number): string[] {
  if (/^(npm|ssh|ls|scp|chmod) /.test(text)) return [text]
  const whole = text.replace(/(?:npm run|ssh) .*$/, (command) => command.replaceAll(' ', '\u00a0'))
  const lines: string[] = []
  for (const word of whole.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= room) lines.push(`${lines.pop()} ${word}`)
    else lines.push(word)
  }
  return lines.map((line) => line.replaceAll('\u00a0', ' '))
}
