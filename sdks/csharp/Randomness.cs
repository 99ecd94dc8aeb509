using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Gojinn
{
    /// <summary>Gives each sandbox random numbers of its own. A Random that is made while the function loads is in all of
    /// them: those in static fields are seeded again for each request, others are refused.</summary>
    internal static class Randomness
    {
        private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        private static readonly Seeds Drawing = new Seeds();
        private static readonly ConstructorInfo Constructor = typeof(Random).GetConstructor(Type.EmptyTypes);
        private static Random[] kept = new Random[0];

        /// <summary>What <c>new Random()</c> draws its seed from.</summary>
        private sealed class Seeds : Random
        {
            internal int Drawn;

            public override int Next()
            {
                Drawn++;
                return Native.Random() & int.MaxValue;
            }
        }

        internal static int Drawn => Drawing.Drawn;

        internal static void Begin() => typeof(Random).GetField("t_threadRandom", Static).SetValue(null, Drawing);

        /// <summary>Finds those that were made while the function loaded; in static fields there must be so many at least.</summary>
        internal static void Keep(Type[] types, int least)
        {
            if (Drawn == 0) return;
            kept = types.Where(type => !type.ContainsGenericParameters).SelectMany(type => type.GetFields(Static | BindingFlags.DeclaredOnly))
                .Where(field => field.FieldType == typeof(Random)).Select(field => field.GetValue(null)).OfType<Random>()
                .Distinct().ToArray();
            if (kept.Length < least)
                throw new InvalidOperationException("'new Random()' while the function is loaded gives the same numbers in every sandbox: keep it in a static field of the type Random, or make it in 'Handle'");
            if (kept.Length > Drawn)
                throw new InvalidOperationException("some of the static fields of the type Random are made with a seed, and others without: make one of the kinds in 'Handle'");
        }

        internal static void Renew()
        {
            foreach (var each in kept) Constructor.Invoke(each, null);
        }
    }
}
