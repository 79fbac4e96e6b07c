// Fetches a paper's bytes by ranges, as pdf.js asks for them, and says when they no longer come.
//
// pdf.js asks for small pieces, many of them at once where a program has scattered over the whole file what has to be
// known of all pages. What is asked for in one breath and lies together is fetched together.

const TRIES = 3;
const MOST_AT_ONCE = 1024 * 1024;

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

export function makeSource(pdfjs, address, length, onFailure) {
  const source = new pdfjs.PDFDataRangeTransport(length, null);
  let wanted = [];

  async function give({ begin, end, pieces }) {
    try {
      const bytes = await fetchPatiently(address, begin, end);
      for (const piece of pieces) {
        source.onDataRange(piece.begin, bytes.slice(piece.begin - begin, piece.end - begin));
      }
    } catch (error) {
      onFailure(error);
    }
  }

  source.requestDataRange = (begin, end) => {
    if (!wanted.length) {
      setTimeout(() => {
        const groups = together(wanted);
        wanted = [];
        groups.forEach(give);
      });
    }
    wanted.push({ begin, end });
  };
  return source;
}
