/** What to paste where, for a server that is up at `origin`; `entry` is the path of the built program. */
export function connectionGuide(origin: string, entry: string, credentialsFile: string, omieBaseUrl: string): string {
  const desktop = {
    mcpServers: {
      omie: {
        command: 'node',
        args: [entry, 'serve', '--transports', 'stdio'],
        env: { CREDENTIALS_FILE: credentialsFile, OMIE_BASE_URL: omieBaseUrl },
      },
    },
  };
  return `
O servidor continua no ar. Ctrl+C encerra.

Claude Code:     claude mcp add --transport http omie ${origin}/mcp
Clientes SSE:    ${origin}/sse
Monitor:         node ${entry} monitor --url ${origin}/sse --once
curl:            curl -s ${origin}/tools/listar_empresas -X POST -d '{}'

Claude Desktop (claude_desktop_config.json):
${JSON.stringify(desktop, null, 2)}

Pergunte, por exemplo: "o que está vencido em todas as empresas?"
`;
}
