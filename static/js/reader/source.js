// Fetches a paper's bytes by ranges, as pdf.js asks for them, and says when they no longer come.
//
// pdf.js asks for small pieces, many of them at once where a program has scattered over the whole file what has to be
// known of all pages. What is asked for in one breath and lies together is fetched together.
//
// A long paper has an opening (fileshare/derivatives/opening.py): pdf.js is then shown a file that begins with it, goes
// on with the paper's own bytes, and ends as the opening ends. What a first page wants is asked for before pdf.js is here.

const TRIES = 3;
const MOST_AT_ONCE = 1024 * 1024;
const STEP = 65536; // pdf.js asks for multiples of it, and the paper's own bytes begin at one
const TAIL = 64; // bytes of an opening that are the end of the file too
const END = 2048; // from there pdf.js looks for what it needs first, and shall not meet the paper's own end

async function fetchRange(address, begin, end) {
  const answer = await fetch(address, {
    headers: { Range: `bytes=${begin}-${end - 1}` },
    credentials: "same-origin",
    redirect: "error", // to sign in
    cache: "no-store",
  });
  if (answer.status === 206) {
    return new Uint8Array(await answer.arrayBuffer());
  }
  const confirmAt = answer.headers.get("Confirm-At"); // what the marking asks for anew
  throw Object.assign(new Error(`status ${answer.status}`), { isFinal: answer.status < 500, confirmAt });
}

async function fetchPatiently(address, begin, end) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await fetchRange(address, begin, end);
    } catch (error) {
      if (error.isFinal || tried === TRIES) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 500 * tried));
    }
  }
}

// Nothing where it does not come: the paper's own bytes say the same.
async function fetchOpening(address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin", redirect: "error", cache: "no-store" });
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

// Neighbours become one, up to a length that still comes quickly.
function together(wanted) {
  const groups = [];
  for (const piece of wanted.toSorted((one, other) => one.begin - other.begin)) {
    const group = groups.at(-1);
    if (group?.end === piece.begin && piece.end - group.begin <= MOST_AT_ONCE) {
      group.end = piece.end;
      group.pieces.push(piece);
    } else {
      groups.push({ begin: piece.begin, end: piece.end, pieces: [piece] });
    }
  }
  return groups;
}

export class Source {
  #address;
  #size;
  #opening = null; // a promise
  #early = new Map(); // promises of what is certainly asked for, by where it begins
  #wanted = [];

  // `opening` is an address, or empty.
  constructor(address, size, opening, onFailure) {
    Object.assign(this, { onFailure });
    this.#address = address;
    this.#size = size;
    if (opening) {
      this.#opening = fetchOpening(opening);
    } else {
      for (const begin of new Set([0, Math.floor((size - 1) / STEP) * STEP])) {
        this.#early.set(begin, fetchRange(address, begin, Math.min(begin + STEP, size)).catch(() => null));
      }
    }
  }

  // What pdf.js takes for the file.
  async forPdfjs(pdfjs) {
    const opening = await this.#opening;
    const moved = Math.ceil((opening?.length ?? 0) / STEP) * STEP;
    let [initial, end, length] = [null, null, this.#size];
    if (opening) {
      initial = new Uint8Array(moved);
      initial.set(opening);
      end = { begin: moved + Math.ceil(this.#size / STEP) * STEP, bytes: new Uint8Array(END).fill(32) };
      end.bytes.set(opening.subarray(-TAIL), END - TAIL);
      length = end.begin + END;
    }
    const shown = new pdfjs.PDFDataRangeTransport(length, initial);
    shown.requestDataRange = (begin, until) => {
      if (!this.#wanted.length) {
        setTimeout(() => {
          const groups = together(this.#wanted);
          this.#wanted = [];
          groups.forEach((group) => this.#give(shown, group, moved, end));
        });
      }
      this.#wanted.push({ begin, end: until });
    };
    return shown;
  }

  async #give(shown, { begin, end, pieces }, moved, last) {
    try {
      const bytes = await this.#bytes(begin - moved, Math.min(end - moved, this.#size), end - begin);
      if (last && end > last.begin) {
        bytes.set(last.bytes, last.begin - begin);
      }
      for (const piece of pieces) {
        shown.onDataRange(piece.begin, bytes.slice(piece.begin - begin, piece.end - begin));
      }
    } catch (error) {
      this.onFailure(error);
    }
  }

  // Those of the paper itself, followed by nothing up to `length`.
  async #bytes(begin, end, length) {
    if (begin >= end) {
      return new Uint8Array(length);
    }
    const early = (await this.#early.get(begin)) ?? null;
    const own = early?.length === end - begin ? early : await fetchPatiently(this.#address, begin, end);
    if (own.length === length) {
      return own;
    }
    const bytes = new Uint8Array(length);
    bytes.set(own);
    return bytes;
  }
}
