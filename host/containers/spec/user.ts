/** The user that an image names, as numbers. */

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** Texts of files of the image, empty if it has none. */
export interface UserFiles {
  readonly passwd: string;
  readonly group: string;
}

/**
 * Finds out who `USER[:GROUP]` is; each is a name or a number, and nothing at all is root.
 *
 * @returns the user with the groups that the image's /etc/group puts it in
 * @throws  Error that says which name the image does not know
 */
export function userOf(text: string, { passwd, group }: UserFiles): User {
  const [userPart = "", groupPart] = text === "" ? ["0"] : text.split(":");
  const entry = linesOf(passwd).find(([name, , uid]) => name === userPart || uid === userPart);
  if (entry === undefined && !/^\d+$/.test(userPart)) {
    throw new Error(
      `the image names the user ${JSON.stringify(userPart)}, whom its /etc/passwd does not have`,
    );
  }
  const [name = "", , uid = userPart, primary = "0"] = entry ?? [];
  const groups = linesOf(group);
  const gid = groupPart === undefined ? Number(primary) : gidOf(groupPart, groups);
  const additional = groups
    .filter(([, , , members = ""]) => name !== "" && members.split(",").includes(name))
    .map(([, , id = ""]) => Number(id));
  return { uid: Number(uid), gid, additionalGids: [...new Set([gid, ...additional])] };
}

function gidOf(text: string, groups: readonly (readonly string[])[]): number {
  const found = groups.find(([name, , gid]) => name === text || gid === text)?.[2];
  if (found !== undefined || /^\d+$/.test(text)) return Number(found ?? text);
  throw new Error(`the image names the group ${JSON.stringify(text)}, which its /etc/group does not have`);
}

function linesOf(text: string): readonly (readonly string[])[] {
  return text.split("\n").map((line) => line.split(":"));
}
