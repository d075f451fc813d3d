import { expect, test } from 'vitest'
import type { Admin, GroupMember } from '#broker'
import { joinAlone } from '#worker'

function adminOf(members: readonly GroupMember[]): Admin {
  return { groupMembers: async (group: string) => (group === 'g' ? members : []) } as Partial<Admin> as Admin
}

test('a group that others run is left to them, by name', async () => {
  const others = adminOf([
    { clientId: 'connect-10.0.0.7:8083', host: '/10.0.0.7' },
    { clientId: 'connect-b:8083', host: '10.0.0.8' },
  ])
  await expect(joinAlone(others, 'g')).rejects.toThrow(
    /^The group 'g' \(group\.id\) is at work: connect-10\.0\.0\.7:8083 at 10\.0\.0\.7, connect-b:8083 at 10\.0\.0\.8\. Stop those workers first/,
  )
  await using membership = await joinAlone(others, 'another')
  expect(membership).toBeDefined()
})
