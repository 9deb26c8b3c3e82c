// Photos on their way into the module's memory, and what is made of them there.

/** What `look` finds in a source that is drawn smaller; nothing where it can't be, or where that does not suffice. */
export function reduced(engine, source, look) {
  const photo = source.draws && engine.reducedPhoto(source.width, source.height);
  return photo ? look(hand(photo, source)) : undefined;
}

/** All pixels of a source, which is not needed any longer. */
export function whole(engine, source) {
  if (source.bytes) return engine.decode(source.bytes);
  const rows = source.read();
  source.close();
  return fill(engine.photo(source.width, source.height), rows);
}

/** Draws what a photo in the module's memory has to show. */
export function hand(photo, source, smooth = false) {
  let rows;
  try {
    rows = source.read(photo.place, smooth);
  } catch (fault) {
    give(photo);
    throw fault;
  }
  return fill(photo, rows);
}

/** All pixels, where no models are loaded. */
function plain(glue, { bytes, width, height, read }, { maxBytes, maxPixels }) {
  return bytes ? glue.Photo.decode(bytes, maxBytes, maxPixels) : fill(glue.Photo.at([0, 0, width, height, width, height]), read());
}

/** What the basic engine says of a source. */
export function basic(glue, source, limits) {
  return plain(glue, source, limits).basic();
}

/** Of a source what a server needs: a JPEG of a place in it. `face` is left, top, width and height of one that is known, or empty. */
export function upload(glue, source, limits, face) {
  const all = source.draws ? null : plain(glue, source, limits);
  const [, , width, height] = all?.place ?? [0, 0, source.width, source.height];
  const place = glue.uploadPlace(width, height, face);
  const part = all?.drawn(place) ?? hand(glue.Photo.at(place), source, true);
  return { place, jpeg: part.jpeg(), width, height };
}

/** Fills a photo in the module's memory, some rows at a time. */
function fill(photo, bands) {
  try {
    for (const rows of bands) photo.push(rows);
  } catch (fault) {
    give(photo);
    throw fault;
  }
  return photo;
}

/** Frees a photo that is not filled; where filling it stopped the module there is nothing to be freed. */
function give(photo) {
  try {
    photo.free();
  } catch {
    // As above.
  }
}
