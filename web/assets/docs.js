// Opens Swagger UI on this server's own description. No validator: it would send the description elsewhere.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#viewer", deepLinking: true, validatorUrl: null });
