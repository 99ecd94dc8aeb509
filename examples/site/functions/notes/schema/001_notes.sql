create table notes (
    id integer primary key,
    text text not null,
    file text not null default '',
    created text not null default current_timestamp
);
