/** The data of the last message event in a complete event stream: the answer, after whatever came before it. */
export function lastData(stream: string): string {
  let last = '';
  createFrameReader((event, data) => {
    if (event === 'message') last = data;
  })(stream.endsWith('\n\n') ? stream : `${stream}\n\n`);
  return last;
}

/** Cuts an event stream that arrives in pieces into its events. */
export function createFrameReader(onEvent: (event: string, data: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    rest += text;
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const frame = rest.slice(0, end);
      rest = rest.slice(end + 2);
      let event = 'message';
      let data = '';
      for (const line of frame.split('\n')) {
        if (line.startsWith('event:')) event = line.slice(6).trim();
        else if (line.startsWith('data:')) data += line.slice(5).trimStart();
      }
      if (data !== '') onEvent(event, data);
    }
  };
}
