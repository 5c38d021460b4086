/** Names and waters that give the map its bearings; typed in by hand, roughly placed. */
import type { Language } from '../api.ts';

export interface Place {
  name: string | Record<Language, string>;
  at: [lon: number, lat: number];
  kind: 'city' | 'town' | 'water' | 'country';
  /** Zoom range in which the name is shown. */
  zoom: [from: number, to: number];
}

const both = (nl: string, en: string) => ({ nl, en });

export const PLACES: Place[] = [
  { name: both('Nederland', 'The Netherlands'), at: [5.75, 52.2], kind: 'country', zoom: [4.5, 7.2] },
  { name: both('België', 'Belgium'), at: [4.6, 50.65], kind: 'country', zoom: [4.5, 8] },
  { name: both('Duitsland', 'Germany'), at: [9.9, 51.2], kind: 'country', zoom: [3.5, 7.5] },
  { name: both('Frankrijk', 'France'), at: [2.4, 46.8], kind: 'country', zoom: [3.5, 7.5] },
  { name: both('Verenigd Koninkrijk', 'United Kingdom'), at: [-1.6, 52.8], kind: 'country', zoom: [3.8, 7.5] },
  { name: both('Denemarken', 'Denmark'), at: [9.1, 56.1], kind: 'country', zoom: [4.5, 7.5] },
  { name: both('Spanje', 'Spain'), at: [-3.7, 40], kind: 'country', zoom: [3.5, 7] },
  { name: both('Italië', 'Italy'), at: [12.4, 43], kind: 'country', zoom: [3.8, 7] },
  { name: both('Polen', 'Poland'), at: [19.3, 52.1], kind: 'country', zoom: [3.8, 7] },
  { name: both('Noordzee', 'North Sea'), at: [3.2, 54.6], kind: 'water', zoom: [4.2, 8] },
  { name: both('Waddenzee', 'Wadden Sea'), at: [5.25, 53.25], kind: 'water', zoom: [8, 13] },
  { name: 'IJsselmeer', at: [5.38, 52.83], kind: 'water', zoom: [8, 14] },
  { name: 'Markermeer', at: [5.21, 52.515], kind: 'water', zoom: [8.6, 14] },
  { name: 'Amsterdam', at: [4.9, 52.373], kind: 'city', zoom: [5.8, 14] },
  { name: 'Rotterdam', at: [4.48, 51.922], kind: 'city', zoom: [6.6, 14] },
  { name: both('Den Haag', 'The Hague'), at: [4.31, 52.078], kind: 'city', zoom: [7.4, 14] },
  { name: 'Utrecht', at: [5.12, 52.091], kind: 'city', zoom: [7, 14] },
  { name: 'Groningen', at: [6.566, 53.219], kind: 'city', zoom: [6.6, 14] },
  { name: 'Eindhoven', at: [5.48, 51.44], kind: 'city', zoom: [6.8, 14] },
  { name: 'Maastricht', at: [5.69, 50.85], kind: 'city', zoom: [7, 14] },
  { name: 'Zwolle', at: [6.09, 52.515], kind: 'city', zoom: [7.4, 14] },
  { name: 'Leeuwarden', at: [5.79, 53.2], kind: 'city', zoom: [7.6, 14] },
  { name: 'Arnhem', at: [5.91, 51.985], kind: 'city', zoom: [7.6, 14] },
  { name: 'Enschede', at: [6.89, 52.22], kind: 'city', zoom: [7.6, 14] },
  { name: 'Middelburg', at: [3.61, 51.5], kind: 'city', zoom: [7.6, 14] },
  { name: 'Assen', at: [6.56, 52.995], kind: 'town', zoom: [8, 14] },
  { name: 'Breda', at: [4.776, 51.587], kind: 'town', zoom: [8, 14] },
  { name: 'Haarlem', at: [4.64, 52.38], kind: 'town', zoom: [8.6, 14] },
  { name: 'Alkmaar', at: [4.75, 52.632], kind: 'town', zoom: [8.4, 14] },
  { name: 'Den Helder', at: [4.76, 52.956], kind: 'town', zoom: [8.4, 14] },
  { name: 'Almere', at: [5.22, 52.37], kind: 'town', zoom: [8.6, 14] },
  { name: 'Lelystad', at: [5.475, 52.508], kind: 'town', zoom: [8.2, 15] },
  { name: 'Hoorn', at: [5.06, 52.645], kind: 'town', zoom: [8.8, 15] },
  { name: 'Enkhuizen', at: [5.285, 52.705], kind: 'town', zoom: [8.8, 15] },
  { name: 'Volendam', at: [5.068, 52.496], kind: 'town', zoom: [9.6, 15] },
  { name: 'Marken', at: [5.106, 52.459], kind: 'town', zoom: [10, 15] },
  { name: 'Urk', at: [5.61, 52.663], kind: 'town', zoom: [9.4, 15] },
  { name: 'Emmeloord', at: [5.75, 52.711], kind: 'town', zoom: [8.8, 15] },
  { name: 'Medemblik', at: [5.1, 52.773], kind: 'town', zoom: [9.4, 15] },
  { name: 'Stavoren', at: [5.37, 52.884], kind: 'town', zoom: [9.4, 15] },
  { name: 'Lemmer', at: [5.715, 52.848], kind: 'town', zoom: [9.4, 15] },
  { name: 'Apeldoorn', at: [5.97, 52.212], kind: 'town', zoom: [8.2, 14] },
  { name: 'Nijmegen', at: [5.86, 51.842], kind: 'town', zoom: [8.4, 14] },
  { name: 'Tilburg', at: [5.087, 51.56], kind: 'town', zoom: [8.4, 14] },
  { name: both('Antwerpen', 'Antwerp'), at: [4.41, 51.22], kind: 'city', zoom: [7, 14] },
  { name: both('Brussel', 'Brussels'), at: [4.36, 50.85], kind: 'city', zoom: [5.8, 14] },
  { name: both('Keulen', 'Cologne'), at: [6.96, 50.94], kind: 'city', zoom: [6.8, 14] },
  { name: 'Bremen', at: [8.8, 53.08], kind: 'city', zoom: [6.8, 14] },
  { name: both('Hamburg', 'Hamburg'), at: [10, 53.55], kind: 'city', zoom: [5.8, 14] },
  { name: both('Londen', 'London'), at: [-0.12, 51.51], kind: 'city', zoom: [5, 14] },
  { name: both('Parijs', 'Paris'), at: [2.35, 48.86], kind: 'city', zoom: [5, 14] },
  { name: both('Berlijn', 'Berlin'), at: [13.4, 52.52], kind: 'city', zoom: [5, 14] },
  { name: both('Kopenhagen', 'Copenhagen'), at: [12.57, 55.68], kind: 'city', zoom: [5.4, 14] },
  { name: 'Kralendijk', at: [-68.27, 12.15], kind: 'town', zoom: [7, 14] },
  { name: 'Willemstad', at: [-68.93, 12.11], kind: 'city', zoom: [7, 14] },
  { name: 'Oranjestad', at: [-70.03, 12.52], kind: 'city', zoom: [7, 14] },
];

/**
 * The lakes that the enclosing dikes made, which Natural Earth counts as land: a sketch, with the
 * dike between Enkhuizen and Lelystad as the gap between the two.
 */
export const LAKES: [number, number][][] = [
  // IJsselmeer, from Den Oever with the clock
  [
    [5.05, 52.932], [5.13, 52.975], [5.2, 53.018], [5.28, 53.055], [5.335, 53.07], [5.39, 53.058],
    [5.4, 53.01], [5.413, 52.972], [5.396, 52.938], [5.36, 52.905], [5.356, 52.882], [5.385, 52.862],
    [5.43, 52.858], [5.48, 52.842], [5.53, 52.836], [5.6, 52.842], [5.66, 52.846], [5.705, 52.838],
    [5.69, 52.815], [5.64, 52.795], [5.605, 52.76], [5.6, 52.72], [5.593, 52.668], [5.61, 52.645],
    [5.64, 52.618], [5.7, 52.612], [5.78, 52.604], [5.85, 52.597], [5.84, 52.582], [5.77, 52.583],
    [5.68, 52.59], [5.6, 52.6], [5.555, 52.597], [5.525, 52.577], [5.48, 52.552], [5.437, 52.53],
    [5.425, 52.553], [5.39, 52.6], [5.345, 52.65], [5.305, 52.69], [5.3, 52.707], [5.27, 52.735],
    [5.21, 52.755], [5.155, 52.762], [5.115, 52.77], [5.105, 52.79], [5.07, 52.806], [5.085, 52.84],
    [5.103, 52.88], [5.085, 52.915], [5.05, 52.932],
  ],
  // Markermeer and IJmeer, from Enkhuizen with the clock
  [
    [5.298, 52.688], [5.338, 52.647], [5.382, 52.598], [5.418, 52.552], [5.428, 52.527],
    [5.415, 52.508], [5.36, 52.475], [5.29, 52.44], [5.22, 52.414], [5.165, 52.388], [5.14, 52.36],
    [5.13, 52.333], [5.07, 52.338], [5.03, 52.352], [4.985, 52.372], [4.995, 52.383],
    [5.03, 52.395], [5.065, 52.418], [5.075, 52.437], [5.055, 52.452], [5.075, 52.457],
    [5.11, 52.45], [5.135, 52.458], [5.11, 52.468], [5.075, 52.47], [5.045, 52.463],
    [5.05, 52.482], [5.078, 52.492], [5.065, 52.515], [5.07, 52.545], [5.045, 52.575],
    [5.02, 52.6], [5.03, 52.625], [5.06, 52.637], [5.115, 52.628], [5.15, 52.617], [5.19, 52.635],
    [5.23, 52.652], [5.26, 52.682], [5.298, 52.688],
  ],
];
