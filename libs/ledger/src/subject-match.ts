// NATS subject patterns: `*` is one token, a final `>` one or more.

/** Whether a subject lies under a pattern. */
export const subjectMatches = (pattern: string, subject: string): boolean => {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [index, token] of wanted.entries()) {
    if (token === '>' && index === wanted.length - 1) return tokens.length > index;
    if (token !== '*' && token !== tokens[index]) return false;
    if (index >= tokens.length) return false;
  }
  return wanted.length === tokens.length;
};
