/** Whether a host is on a list in which `*.` stands for one or more labels. */
export function onList(hostname: string, list: readonly string[]): boolean {
  const host = hostname.toLowerCase()
  return list.some((entry) => {
    const pattern = entry.toLowerCase()
    if (!pattern.startsWith('*.')) return host === pattern
    return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
  })
}
