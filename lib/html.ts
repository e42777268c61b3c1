const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for HTML, between tags and in a quoted attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one] ?? one)
