package mro;

# Stands for Perl's own, which is partly in C: the order in which methods are looked for. `use mro 'c3'` is refused.
use strict;
use warnings;

sub import {
    my ($class, $kind) = @_;
    die "the order '$kind' of methods is not there in a sandbox " . Gojinn::place() . "\n" if ($kind // 'dfs') ne 'dfs';
    return;
}

# The classes of a class, itself first, each once.
sub get_linear_isa {
    my ($class) = @_;
    my %seen;
    my @found;
    my @left = ($class);
    while (defined(my $next = shift @left)) {
        next if $seen{$next}++;
        push @found, $next;
        no strict 'refs';
        unshift @left, @{"${next}::ISA"};
    }
    return \@found;
}

sub get_mro { return 'dfs' }
sub set_mro { my (undef, $kind) = @_; return import(undef, $kind) }
sub is_universal { my ($class) = @_; return $class eq 'UNIVERSAL' }
sub get_pkg_gen { return 1 }
sub invalidate_all_method_caches { return }

1;
