// What was dropped or chosen -> files with the names that they get in the library.

/**
 * The files of a drop, `{name, file}` each, folders searched whole. One folder alone gives names
 * relative to it, as ingesting it would; hidden files are left out.
 */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.includes(null)) return [...transfer.files].map((file) => ({ name: file.name, file }));
  const found = [];
  for (const entry of entries) {
    const inside = entries.length === 1 && entry.isDirectory ? "" : entry.name;
    found.push(...await filesOf(entry, inside));
  }
  return found;
}

/** The files of a file input, named as `dropped` does. */
export function chosen(input) {
  return [...input.files]
    .map((file) => ({ name: file.webkitRelativePath.split("/").slice(1).join("/") || file.name, file }))
    .filter(({ name }) => !hidden(name));
}

async function filesOf(entry, name) {
  if (hidden(name)) return [];
  if (entry.isFile) return [{ name, file: await new Promise((...done) => entry.file(...done)) }];
  const found = [];
  for (const inner of await entriesOf(entry.createReader())) {
    found.push(...await filesOf(inner, name ? `${name}/${inner.name}` : inner.name));
  }
  return found;
}

// A reader gives a hundred entries at a time, and none at the end.
async function entriesOf(reader) {
  const found = [];
  for (;;) {
    const some = await new Promise((...done) => reader.readEntries(...done));
    if (!some.length) return found;
    found.push(...some);
  }
}

function hidden(name) {
  return name.split("/").some((part) => part.startsWith("."));
}
