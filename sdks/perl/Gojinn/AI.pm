package Gojinn::AI;

# A language model, where the host grants one.
use strict;
use warnings;

# Answers a conversation; a text is a message of the user's, others are { role, content } with the role system, user
# or assistant. Errors: denied, unavailable.
sub chat {
    my (undef, @messages) = @_;
    my @told = map { ref $_ ? $_ : { role => 'user', content => $_ } } @messages;
    return Gojinn::Host->call('ai.chat', messages => \@told)->{message}{content};
}

1;
