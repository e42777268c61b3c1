import type { Finding } from './finding.ts'

/** One line for the engine's diagnostics: what differs, what must be, where that is written. */
const line = ({ place, kind, name, seen, want, runbook }: Finding): string =>
  `${place} ${kind.replaceAll('-', ' ')} ${name}: ${seen}; must be: ${want}. ${runbook}`

/**
 * What the program itself says beside its resources: causes only, in the order of the findings. In a preview
 * everything that differs; in an update what needs a person, since those resources do not run when a repair failed.
 */
export function messages(findings: Finding[], isPreview: boolean): string[] {
  const shown = findings.filter(({ state, cause }) => state !== 'holds' && cause === null)
  return shown
    .filter(({ state }) => isPreview || state === 'needs-person')
    .map((one) => {
      const hanging = findings.filter(({ cause }) => cause === one.id).length
      const counted = hanging > 0 ? `\n  ${hanging} more could not be looked at or wait for it` : ''
      return `${line(one)}${one.state === 'needs-person' && one.next ? `\n  next: ${one.next}` : ''}${counted}`
    })
}
