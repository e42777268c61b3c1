import { inCommand } from '../../quote.ts'

/** What would be written and run, for who wants to see it first. */
export function rehearsal(files: { path: string; text: string }[], commands: string[][]): string {
  const texts = files.map(({ path, text }) => `# would be written to ${path}\n${text}`)
  const run = commands.map((command) => command.map(inCommand).join(' '))
  return [...texts, '# would be run', ...run].join('\n')
}
