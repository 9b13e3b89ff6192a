// Opens Redoc on this server's own description, with the fonts of the system.
Redoc.init(
  "/openapi.json",
  {
    theme: {
      typography: { fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" } },
    },
  },
  document.getElementById("viewer"),
);
