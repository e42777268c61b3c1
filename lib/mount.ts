/** One line of /proc/self/mountinfo (proc(5)), of what is judged here. */
export type Mount = { at: string; fsType: string; source: string; readOnly: boolean }

const withoutEscapes = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))

/** Reads mountinfo lines; a line of another shape is left out. */
export function parseMounts(lines: string[]): Mount[] {
  return lines.flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const at = before.split(' ')[4]
    const options = before.split(' ')[5] ?? ''
    const [fsType = '', source = ''] = after.split(' ')
    return at === undefined
      ? []
      : [
          {
            at: withoutEscapes(at),
            fsType,
            source: withoutEscapes(source),
            readOnly: options.split(',').includes('ro'),
          },
        ]
  })
}

/** What is mounted strictly below a folder, and so hides part of it. */
export const mountsBelow = (mounts: Mount[], folder: string): Mount[] =>
  mounts.filter(({ at }) => at.startsWith(`${folder}/`))
