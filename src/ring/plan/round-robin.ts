import { modulo } from './modulo.js';

/**
 * In how many rounds of a tournament everyone meets everyone once: n−1 where n is even. Where it is odd, one has a bye in each, and there are n.
 * Either is odd.
 */
export function roundsOf(players: number): number {
  return players < 2 ? 0 : players - 1 + (players % 2);
}

/**
 * Whom a player meets in a round, by the circle method (Kirkman 1847): one stays, the others sit around and move on by a seat each round.
 *
 * In numbers, with an odd number of rounds R and seats from 0 to R: in round r, seats i and j below R meet where i + j ≡ r (mod R); the one with
 * 2i ≡ r, which is i = r·(R+1)/2 as (R+1)/2 is the inverse of 2, meets seat R. That makes a perfect matching in each round; i and j meet in the round
 * i + j and in no other.
 *
 * @param seat from 0 to `players` − 1.
 * @param round any whole number; it is taken modulo R.
 * @returns undefined for a bye: seat R is empty where the number of players is odd.
 */
export function opponentOf(seat: number, players: number, round: number): number | undefined {
  const rounds = roundsOf(players);
  if (rounds === 0) return undefined;
  const turn = modulo(round, rounds);
  const opponent = seat === rounds ? modulo((turn * (rounds + 1)) / 2, rounds) : modulo(turn - seat, rounds);
  const met = opponent === seat ? rounds : opponent;
  return met < players ? met : undefined;
}
