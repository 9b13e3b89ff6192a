import { useEffect, useState } from "preact/hooks";
import { connection, onConnection, type Connection } from "./connection";

export function useConnection(): Connection {
  const [state, setState] = useState(connection);
  useEffect(() => onConnection((next) => setState(next)), []);
  return state;
}
