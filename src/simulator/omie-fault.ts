/** Omie's refusals: class, faultcode and the Portuguese sentence. All of them reach the wire as {faultstring, faultcode}. */

export type FaultClass =
  | 'EMPTY'
  | 'AUTH'
  | 'REDUNDANT'
  | 'LOCK'
  | 'IN_FLIGHT'
  | 'BLOCKED'
  | 'RATE'
  | 'SCHEMA'
  | 'METHOD'
  | 'REQUIRED'
  | 'ENUM'
  | 'NOT_FOUND'
  | 'DUPLICATE'
  | 'BUSINESS'
  | 'SERVER';

export class OmieFault extends Error {
  override readonly name = 'OmieFault';
  readonly faultClass: FaultClass;
  readonly faultcode: string;
  /** Only where the status does not follow the general rule for business faults. */
  readonly status: number | undefined;

  constructor(faultClass: FaultClass, code: number | string, faultstring: string, status?: number) {
    super(faultstring);
    this.faultClass = faultClass;
    this.faultcode = typeof code === 'number' ? `SOAP-ENV:Client-${code}` : code;
    this.status = status;
  }

  get body(): { faultstring: string; faultcode: string } {
    return { faultstring: this.message, faultcode: this.faultcode };
  }
}

export const noRecordsOnPage = (page: number): OmieFault =>
  new OmieFault('EMPTY', 5113, `ERROR: Não existem registros para a página [${page}]!`);

export const noAccountFound = (): OmieFault => new OmieFault('EMPTY', 101, 'Nenhuma conta corrente foi encontrada!');

export const recordNotFound = (): OmieFault => new OmieFault('EMPTY', 5113, 'Registro não encontrado!');

/** The two wordings for a key pair that is not one of Omie's applications. */
export const accessRefused = (style: 'Server-403' | 'Client-101'): OmieFault =>
  style === 'Server-403'
    ? new OmieFault(
        'AUTH',
        'SOAP-ENV:Server',
        'A chave de acesso está inválida ou o aplicativo está suspenso. Acesse o seu painel e verifique os dados do aplicativo.',
        403,
      )
    : new OmieFault('AUTH', 101, 'ERROR: A chave de acesso (app_key) ou o app_secret está inválido!');

export const redundant = (seconds: number): OmieFault =>
  new OmieFault(
    'REDUNDANT',
    6,
    `ERROR: Consumo redundante detectado. Aguarde ${seconds} segundos para tentar novamente (REDUNDANT).`,
  );

export const methodLocked = (): OmieFault =>
  new OmieFault(
    'LOCK',
    1880,
    'ERROR: Já existe uma requisição desse método sendo executada e você pode tentar novamente em alguns instantes. (1)',
  );

export const alreadyProcessed = (retryAt: string): OmieFault =>
  new OmieFault(
    'IN_FLIGHT',
    8020,
    `ERROR: Esta requisição já foi processada ou está sendo processada e você pode tentar novamente às ${retryAt}. (1)`,
  );

export const blockedFor = (seconds: number): OmieFault =>
  new OmieFault(
    'BLOCKED',
    'MISUSE_API_PROCESS',
    `ERROR: API bloqueada por consumo indevido. Tente novamente em ${seconds} segundos.`,
    425,
  );

export const unknownTag = (tag: string, complexType: string): OmieFault =>
  new OmieFault(
    'SCHEMA',
    5001,
    `ERROR: Tag [${tag.toUpperCase()}] não faz parte da estrutura do tipo complexo [${complexType}]!`,
  );

export const noParameter = (): OmieFault =>
  new OmieFault('SCHEMA', 71, 'ERROR: Nenhum parâmetro foi recebido em WS_PARAMS!');

/** The code of this one is not published; the sentence is the help centre's. */
export const badJson = (sentence: 'JSON request with SyntaxError' | 'Invalid JSON Object'): OmieFault =>
  new OmieFault('SCHEMA', 'SOAP-ENV:Client', `ERROR: ${sentence}!`);

export const unknownMethod = (name: string): OmieFault =>
  new OmieFault('METHOD', 'SOAP-ENV:Client', `ERROR: Method "${name}" not exists!`);

export const required = (tag: string, code = 1000): OmieFault =>
  new OmieFault('REQUIRED', code, `ERROR: O preenchimento da tag [${tag}] é obrigatório!`);

export const invalidValue = (tag: string, accepted?: readonly string[]): OmieFault =>
  new OmieFault(
    'ENUM',
    105,
    `ERROR: O valor informado na tag [${tag}] é inválido!${accepted ? ` Valores aceitos: ${accepted.join(', ')}.` : ''}`,
  );

export const notFoundById = (what: string, id: number | string): OmieFault =>
  new OmieFault('NOT_FOUND', 105, `ERROR: ${what} para o Código [${id}] !`);

export const notFoundByIntegrationCode = (what: string, code: string): OmieFault =>
  new OmieFault('NOT_FOUND', 103, `ERROR: ${what} para o Código de Integração [${code}] !`);

export const duplicateIntegrationCode = (what: string, code: string): OmieFault =>
  new OmieFault('DUPLICATE', 102, `ERROR: ${what} para o Código de Integração [${code}] !`);

export const duplicateTaxId = (taxId: string, id: number, integrationCode: string): OmieFault =>
  new OmieFault(
    'DUPLICATE',
    102,
    `ERROR: Cliente já cadastrado para o CPF/CNPJ [${taxId}] com o Id [${id}] e código de integração [${integrationCode}] ! (add)`,
  );

export const unknownProject = (): OmieFault => new OmieFault('NOT_FOUND', 1035, 'ERROR: Projeto não cadastrado!');

/** 102 is overloaded: also validations that have nothing to do with duplicates. */
export const refused = (sentence: string, code = 102): OmieFault =>
  new OmieFault('BUSINESS', code, `ERROR: ${sentence}`);

export const brokenServer = (): OmieFault =>
  new OmieFault('SERVER', 'SOAP-ENV:Server', 'SOAP-ERROR: Broken response from Application Server (BG)', 500);
