/**
 * Where a browser goes after a form that ends something. Where there was nothing to end, because the button was pressed
 * twice or the id is somebody else's, it sees its list as it is.
 *
 * @param path of the list
 * @param done whether something was ended
 */
export function afterwards(path: string, done: boolean): string {
  return done ? `${path}?done=1` : path;
}
