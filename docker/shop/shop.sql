CREATE DATABASE warehouse;

CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  customer text NOT NULL,
  item text NOT NULL,
  quantity int NOT NULL,
  price numeric(10,2) NOT NULL,
  state text NOT NULL DEFAULT 'new'
);
ALTER TABLE orders REPLICA IDENTITY FULL;

INSERT INTO orders (customer, item, quantity, price) VALUES
  ('Ada', 'espresso beans', 2, 18.50),
  ('Grace', 'moka pot', 1, 39.00),
  ('Edsger', 'kettle', 1, 62.90);
