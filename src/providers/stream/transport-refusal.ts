/**
 * Our own side of the connection did not let a request through, and would not on another try. Thrown from within `fetch`, so
 * an SDK's error has it as its cause. `sentence` is for people, given the provider's name; `message` has the particulars.
 */
export class TransportRefusal extends Error {
  readonly sentence: (name: string) => string

  constructor(sentence: (name: string) => string, message: string) {
    super(message)
    this.name = "TransportRefusal"
    this.sentence = sentence
  }
}
