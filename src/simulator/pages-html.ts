/** What a browser, a proxy or a web server says instead of the API. */

export const referencePage = (service: string): string =>
  `<!DOCTYPE html><html><head><title>Omie API - ${service}</title></head><body><h1>${service}</h1><p>Envie um POST com JSON.</p></body></html>`;

export const wsdl = (service: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><definitions name="${service}" xmlns="http://schemas.xmlsoap.org/wsdl/"></definitions>`;

export const statusPage = (status: number, reason: string): string =>
  `<html>\r\n<head><title>${status} ${reason}</title></head>\r\n<body>\r\n<center><h1>${status} ${reason}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
