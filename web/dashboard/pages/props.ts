// What every page is given of its address: #path/argument?query.
export interface PageProps {
  argument: string;
  query: URLSearchParams;
}
