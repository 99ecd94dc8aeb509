"""The protocol's binary encoding (Hrana 3, Protobuf) of the structures in `libsql.structs`. Runs nothing."""
