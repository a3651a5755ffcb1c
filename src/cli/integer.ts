import { InvalidArgumentError } from 'commander';

/** A parser for whole-number flags that says the range when the value is out of it. */
export function integer(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isInteger(number) || number < min || number > max) {
      throw new InvalidArgumentError(`deve ser um inteiro de ${min} a ${max}.`);
    }
    return number;
  };
}
